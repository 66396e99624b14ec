// Draws what /openapi.json says. Requests that people try out go to this server alone, and nothing is kept.
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  validatorUrl: null,
  // It draws a choice of servers without a name.
  onComplete: () => document.getElementById('servers')?.setAttribute('aria-label', 'Server'),
})

// It is light or dark by a class, and we by what the person's system says.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
