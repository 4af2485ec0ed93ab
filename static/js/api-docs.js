// The interactive API documentation: Swagger UI, as vendored by django-ninja, on the schema of this server.
"use strict";

const page = document.body.dataset;

SwaggerUIBundle({
  url: page.schema,
  dom_id: "#docs",
  deepLinking: true,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: "none", // else the schema's address is sent to swagger.io
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  // Swagger UI gives its list of servers no name.
  onComplete: () => document.querySelector("#servers")?.setAttribute("aria-label", page.servers),
  // A request tried out with the portal's session carries its CSRF token, as the portal's own do.
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = page.csrfToken;
    return request;
  },
});
