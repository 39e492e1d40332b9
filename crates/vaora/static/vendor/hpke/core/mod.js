export { Aes256Gcm } from "./src/aeads/aesGcm.js";
export { CipherSuite, DhkemP256HkdfSha256, HkdfSha256, } from "./src/native.js";
