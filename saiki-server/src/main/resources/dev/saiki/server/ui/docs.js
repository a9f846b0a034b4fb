// What the server says of itself, drawn by Swagger UI; keys that are typed in stay in the page.
SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
