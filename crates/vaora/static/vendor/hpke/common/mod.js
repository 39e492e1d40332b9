export * from "./src/errors.js";
export { NativeAlgorithm } from "./src/algorithm.js";
export { AeadId, KdfId, KemId, Mode } from "./src/identifiers.js";
export { Dhkem } from "./src/kems/dhkem.js";
export { Ec } from "./src/kems/dhkemPrimitives/ec.js";
export { HkdfSha256Native, HkdfSha384Native, HkdfSha512Native, toArrayBuffer, toUint8Array, } from "./src/kdfs/hkdf.js";
export { AEAD_USAGES } from "./src/interfaces/aeadEncryptionContext.js";
export { EMPTY, INFO_LENGTH_LIMIT, INPUT_LENGTH_LIMIT, MINIMUM_PSK_LENGTH, } from "./src/consts.js";
export { i2Osp, xor, } from "./src/utils/misc.js";
