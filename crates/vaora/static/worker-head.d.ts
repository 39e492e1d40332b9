/** What the server writes above a service worker's script. */
declare var APP: string;
declare var VERSION: string;
declare var FILES: string[];
