// The page of the set-up link. The code stands behind the # of the link, which browsers send to nobody; from there it
// goes into the body of one request.

const form = document.getElementById('form')
const button = form.querySelector('button')
const fields = ['username', 'password', 'repeated', 'email']

// Taken out of the address, so that neither the history nor somebody behind the chair keeps it.
const code = location.hash.slice(1)
history.replaceState(null, '', location.pathname)

show(code === '' ? 'no-code' : 'form')
if (code !== '') form.elements.username.focus()

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void submit()
})

async function submit() {
  clearFaults()
  const { username, password, repeated, email } = Object.fromEntries(new FormData(form))
  if (password !== repeated) return showFault('repeated', 'The two passwords differ.')
  button.disabled = true
  try {
    await setUp({ code, username, password, ...(email === '' ? {} : { email }) })
  } catch {
    showFault(undefined, 'The server did not answer. Check that it is running, and try again.')
  } finally {
    button.disabled = false
  }
}

async function setUp(ask) {
  const response = await fetch('/api/v1/setup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ask),
  })
  const answer = await response.json()
  if (response.ok) {
    document.getElementById('made').textContent = answer.username
    show('done')
    document.getElementById('heading').focus()
    return
  }
  const faults = answer.errors ?? []
  for (const { pointer, detail } of faults) showFault(pointer.slice(1), `This ${detail}.`)
  if (faults.length === 0) showFault(undefined, answer.detail)
}

function show(id) {
  for (const part of ['no-code', 'form', 'done']) document.getElementById(part).hidden = part !== id
}

function clearFaults() {
  for (const name of fields) {
    form.elements[name].removeAttribute('aria-invalid')
    document.getElementById(`${name}-fault`).textContent = ''
  }
  document.getElementById('fault').textContent = ''
}

/** Beside its field if it has one here, else above the button, where a screen reader announces it. */
function showFault(name, words) {
  if (!fields.includes(name)) {
    document.getElementById('fault').textContent = words
    return
  }
  document.getElementById(`${name}-fault`).textContent = words
  form.elements[name].setAttribute('aria-invalid', 'true')
  form.querySelector('[aria-invalid]').focus()
}
