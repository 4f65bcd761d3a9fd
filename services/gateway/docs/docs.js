// Shows the document that lies beside this page.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  // Neither asks another host about the document, nor keeps tokens.
  validatorUrl: null,
  persistAuthorization: false,
});
