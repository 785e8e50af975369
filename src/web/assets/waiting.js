// Looks again by itself whether somebody has decided, and goes on once they have. The page stays as it is until then: one that is loaded
// anew while somebody reads it takes the place away from them.
'use strict';

const again = document.getElementById('again');

function later() {
  setTimeout(look, Number(again.dataset.seconds) * 1000);
}

async function look() {
  try {
    const answer = await fetch(again.href, { redirect: 'manual' });
    if (answer.type === 'opaqueredirect' || (answer.ok && !(await answer.text()).includes('id="again"'))) {
      location.assign(again.href);
      return;
    }
  } catch {
    // The network is away for a while.
  }
  later();
}

later();
