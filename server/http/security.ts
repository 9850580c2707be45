// Headers that every answer carries: what a page of ours may load, who may frame it, what it may use.
import { secureHeaders } from "hono/secure-headers";

/** No inline script, nothing from elsewhere; styles inline only as attributes (charts, tables). */
export const securityHeaders = (isTls: boolean) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'wasm-unsafe-eval'"], // the QR decoder is WebAssembly
      styleSrc: ["'self'"],
      styleSrcAttr: ["'unsafe-inline'"],
      imgSrc: ["'self'", "data:", "blob:"],
      mediaSrc: ["'self'", "blob:"],
      fontSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      workerSrc: ["'self'", "blob:"],
      manifestSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    crossOriginOpenerPolicy: "same-origin",
    strictTransportSecurity: isTls ? "max-age=31536000; includeSubDomains" : false,
    permissionsPolicy: { camera: ["self"], geolocation: ["self"], microphone: [], payment: [] },
  });
