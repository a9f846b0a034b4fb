// The description of the API in Swagger UI; a key that is typed in is not stored.
SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});

// Uses dark colours if the browser prefers them.
const dark = matchMedia('(prefers-color-scheme: dark)');
const shade = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', shade);
shade();

// Adds what Swagger UI lacks for screen readers and keyboards: names of its parts, levels of headings, and long examples
// that keys can scroll. Disables links within buttons, because they do the same as the buttons.
const PARTS = { '.information-container': 'About', '.scheme-container': 'Key' };
const LEVELS = { '.opblock-tag': 2, '.models > h4': 2, '.opblock-section-header h4': 3 };

function mend() {
  for (const [part, name] of Object.entries(PARTS)) {
    for (const place of document.querySelectorAll(part)) {
      place.setAttribute('role', 'region');
      place.setAttribute('aria-label', name);
    }
  }
  for (const [headings, level] of Object.entries(LEVELS)) {
    for (const heading of document.querySelectorAll(headings)) heading.setAttribute('aria-level', level);
  }
  for (const scrolled of document.querySelectorAll('.example')) scrolled.setAttribute('tabindex', '0');
  for (const link of document.querySelectorAll('.opblock-summary-control a[href]')) link.removeAttribute('href');
}
new MutationObserver(mend).observe(document.getElementById('docs'), { childList: true, subtree: true });
