// Passkeys: asks the browser for one, or to make one, and tells our server. Nothing else on these pages needs script.
(() => {
  'use strict';
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

  // The page says in words what went wrong; the element is there from the beginning, so that it is read aloud.
  const say = (form, words) => { form.querySelector('[role=alert]').textContent = words; };

  const post = async (path, body) => {
    const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.detail || '');
    return said;
  };

  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const forMaking = ({ publicKey: key }) => ({
    publicKey: {
      ...key,
      challenge: bytes(key.challenge),
      user: { ...key.user, id: bytes(key.user.id) },
      excludeCredentials: descriptors(key.excludeCredentials),
    },
  });

  const forShowing = ({ publicKey: key }) => ({
    publicKey: { ...key, challenge: bytes(key.challenge), allowCredentials: descriptors(key.allowCredentials) },
  });

  const answerOf = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      said.attestationObject = text(response.attestationObject);
      said.transports = response.getTransports ? response.getTransports() : [];
    } else {
      said.authenticatorData = text(response.authenticatorData);
      said.signature = text(response.signature);
      said.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: said,
      extensions: credential.getClientExtensionResults(),
    };
  };

  // A question that waits in the address field; a click takes its place.
  let waiting = null;

  const run = async (form, conditional) => {
    if (waiting) waiting.abort();
    const stop = new AbortController();
    if (conditional) waiting = stop;
    const { action, question: ask, words } = form.dataset;
    const makes = action === 'make';
    const fields = Object.fromEntries(new FormData(form));
    try {
      const { question, state } = await post(ask, fields);
      const options = { ...(makes ? forMaking(question) : forShowing(question)), signal: stop.signal };
      if (conditional) options.mediation = 'conditional';
      const credential = await (makes ? navigator.credentials.create(options) : navigator.credentials.get(options));
      if (!credential) return;
      const { next } = await post(form.getAttribute('action'), { ...fields, state, answer: answerOf(credential) });
      window.location.assign(next);
    } catch (error) {
      const quiet = stop.signal.aborted || (conditional && (error instanceof DOMException || !error.message));
      if (!quiet) say(form, error instanceof DOMException || !error.message ? words : error.message);
    }
  };

  for (const form of document.querySelectorAll('form[data-question]')) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      say(form, '');
      run(form, false);
    });
    if (form.dataset.action === 'sign-in' && PublicKeyCredential.isConditionalMediationAvailable) {
      PublicKeyCredential.isConditionalMediationAvailable().then((can) => { if (can) run(form, true); });
    }
  }
  for (const note of document.querySelectorAll('[data-without-script]')) note.hidden = true;
})();
