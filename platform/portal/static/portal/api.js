"use strict";
// The documentation page. A separate file, because the page's policy allows no script inside it.
(() => {
  const place = document.getElementById("swagger");
  // Light or dark as the device is set: Swagger UI's own switch is a class.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { document.documentElement.classList.toggle("dark-mode", dark.matches); };
  dark.addEventListener("change", follow);
  follow();
  window.SwaggerUIBundle({
    url: place.dataset.description,
    domNode: place,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    syntaxHighlight: false,
    // What is tried by the browser's session needs the page's token, as every form of ours does.
    requestInterceptor: (request) => {
      if (!["GET", "HEAD"].includes(request.method || "GET")) {
        request.headers["X-CSRFToken"] = place.dataset.csrf;
      }
      return request;
    },
  });
})();
