// Packed texts that the page carries, and what all its parts share.
const Page = {
  // A text that stands packed in an element of the page.
  async unpack(id) {
    const letters = atob(document.getElementById(id).textContent.trim());
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  },

  // Call once, when an element comes near the screen or is given the focus.
  when_near(element, call) {
    let called = false;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && once(), {
      rootMargin: "600px",
    });
    const once = () => { if (!called) { called = true; watch.disconnect(); call(); } };
    watch.observe(element);
    element.addEventListener("focusin", once, { once: true });
  },

  download(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },

  is_dark: () => matchMedia("(prefers-color-scheme: dark)").matches,
  is_still: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  colour: (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
};
