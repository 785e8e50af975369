// Shows what has changed since the page was loaded, in its place. Nothing moves under somebody's hands: what is open, pressed or selected
// stays as it is until they are done.
'use strict';

const part = document.getElementById('live');
let late = false;

function busy() {
  const chosen = getSelection();
  return part.querySelector('details[open]') !== null || part.contains(document.activeElement) || (chosen !== null && !chosen.isCollapsed);
}

async function look() {
  late = document.hidden || busy();
  if (late) return;
  try {
    const answer = await fetch(location.href, { headers: { 'X-Guestgate-Live': '1' }, redirect: 'error' });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
    if (fresh !== null && !busy() && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  } catch {
    // The network is away for a while.
  }
}

new EventSource('/admin/events').addEventListener('changed', look);
for (const event of ['visibilitychange', 'focusout', 'toggle']) {
  document.addEventListener(event, () => { if (late) look(); }, true);
}
