"use strict";
for (const passage of document.querySelectorAll(".passage")) {
  const line = passage.nextElementSibling;
  const tokens = Array.from(passage.children);
  let here = -1;
  const show = (index) => {
    if (here >= 0) tokens[here].classList.remove("here");
    here = index;
    const token = tokens[here];
    token.classList.add("here");
    line.textContent = "Token " + (here + 1) + " of " + tokens.length + ": \u201c" + token.textContent.replace(/\n/g, "\u21b5")
      + "\u201d: " + token.title;
  };
  passage.addEventListener("pointerover", (event) => {
    const index = tokens.indexOf(event.target);
    if (index >= 0) show(index);
  });
  passage.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = tokens.length - 1;
    const next = { ArrowRight: here + 1, ArrowDown: here + 10, ArrowLeft: here - 1, ArrowUp: here - 10, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    show(Math.max(0, Math.min(last, next)));
    tokens[here].scrollIntoView({ block: "nearest" });
  });
}
