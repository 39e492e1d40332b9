// @ts-check
// Photos are drawn anew on a canvas: smaller, and without place, time or camera. The server strips them once more.

/** Longest side, in pixels. */
const SIDE_MAX = 1280;
/** Largest photo, in bytes: the server's bound. */
const BYTES_MAX = 300 * 1024;
/** Most photos of a visit. */
export const PHOTOS_MAX = 3;

/** @param {Blob} file @returns {Promise<ArrayBuffer>} a JPEG within the bounds @throws when it is no picture */
export async function shrink(file) {
  const picture = await createImageBitmap(file);
  try {
    for (let side = SIDE_MAX; side >= 320; side = Math.round(side * 0.75)) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.8, 0.6, 0.4]) {
        /** @type {Blob | null} */
        const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
        if (jpeg && jpeg.size <= BYTES_MAX) return await jpeg.arrayBuffer();
      }
    }
  } finally {
    picture.close();
  }
  throw new Error("too large");
}
