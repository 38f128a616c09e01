// Loads the page in the frame again, at the place where it is scrolled to, when the pages were written again.
const frame = document.querySelector("iframe");
let made = frame.dataset.made;
frame.addEventListener("load", () => { document.title = frame.contentDocument.title; });
setInterval(async () => {
  let now;
  try {
    now = await (await fetch("made", { cache: "no-store" })).text();
  } catch {
    return; // the preview was ended: what is open stays
  }
  if (now !== made) {
    made = now;
    frame.contentWindow.location.reload();
  }
}, 500);
