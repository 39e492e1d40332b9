// What the server writes above a service worker's script: its app, its version, the files of its shell.
declare var APP: string;
declare var VERSION: string;
declare var FILES: string[];
declare function importScripts(...addresses: string[]): void;
