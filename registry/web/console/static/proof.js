"use strict";
// Checks a proof in the browser itself, by RFC 9162 sections 2.1.3.2 and 2.1.4.2, with nothing but what the page shows.
// Where the browser has no SubtleCrypto (neither https nor this machine) the button stays hidden.
(() => {
  if (!globalThis.crypto || !crypto.subtle) return;
  const bytes = hex => Uint8Array.from(hex.match(/../g) || [], two => parseInt(two, 16));
  const hex = given => [...given].map(one => one.toString(16).padStart(2, "0")).join("");
  const hash = async (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };
  const leafHash = data => hash(Uint8Array.of(0), data);
  const nodeHash = (left, right) => hash(Uint8Array.of(1), left, right);

  // Positions stay far below 2^31, so that bits can be shifted.
  async function inclusion(given) {
    let computed = bytes(given.hash);
    if (given.leaf) {
      computed = await leafHash(Uint8Array.from(atob(given.leaf), letter => letter.charCodeAt(0)));
      if (hex(computed) !== given.hash) return false;
    }
    let node = Number(given.index), last = Number(given.size) - 1;
    for (const sibling of given.path.split(" ").filter(Boolean)) {
      if (last === 0) return false;
      if (node & 1 || node === last) {
        computed = await nodeHash(bytes(sibling), computed);
        while (!(node & 1) && node) { node >>= 1; last >>= 1; }
      } else computed = await nodeHash(computed, bytes(sibling));
      node >>= 1; last >>= 1;
    }
    return last === 0 && hex(computed) === given.root;
  }

  async function consistency(given) {
    const first = Number(given.first), second = Number(given.second);
    const path = given.path.split(" ").filter(Boolean);
    if (first === second) return path.length === 0 && given.old === given.root;
    if ((first & (first - 1)) === 0) path.unshift(given.old);
    let node = first - 1, last = second - 1;
    while (node & 1) { node >>= 1; last >>= 1; }
    let before = bytes(path[0]), after = before;
    for (const sibling of path.slice(1)) {
      if (last === 0) return false;
      if (node & 1 || node === last) {
        before = await nodeHash(bytes(sibling), before);
        after = await nodeHash(bytes(sibling), after);
        while (!(node & 1) && node) { node >>= 1; last >>= 1; }
      } else after = await nodeHash(after, bytes(sibling));
      node >>= 1; last >>= 1;
    }
    return last === 0 && hex(before) === given.old && hex(after) === given.root;
  }

  for (const button of document.querySelectorAll("[data-verify]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const given = button.dataset;
      const holds = await (given.verify === "inclusion" ? inclusion(given) : consistency(given));
      const shown = button.parentElement.querySelector("output");
      shown.textContent = `${holds ? "✓" : "✗"} ${holds ? given.yes : given.no}`;
      shown.className = holds ? "verdict holds" : "verdict fails";
    });
  }
})();
