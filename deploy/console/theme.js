// Sets the theme before anything is painted: light, dark, or what the system says.
// `?theme=dark` in the address chooses too, and is remembered.
(function () {
  const asked = new URLSearchParams(location.search).get("theme");
  const known = ["light", "dark", "system"];
  try {
    if (known.includes(asked)) localStorage.setItem("torghut-theme", asked);
    const theme = localStorage.getItem("torghut-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing still shows a page.
    if (asked === "light" || asked === "dark") document.documentElement.dataset.theme = asked;
  }
})();
