/**
 * The dashboard's only script: fetches the page anew every few seconds and puts its main part in the place of the old one, unless a person
 * writes in it or looks elsewhere. Without it everything works, and stands still.
 */
export const script = `"use strict";
{
  const main = document.getElementById("main");
  const updated = document.getElementById("updated");
  const news = document.getElementById("news");
  let timer;

  const isBusy = () =>
    main.querySelector("details.accept[open]") !== null ||
    (main.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]), select, textarea")) ||
    [...main.querySelectorAll("input:not([type=hidden])")].some((input) => input.value !== input.defaultValue);

  /* What an element is called, to find it again in the new page. */
  const nameOf = (element) =>
    element.id ? "#" + element.id : element.tagName + "|" + (element.getAttribute("href") ?? element.closest("form")?.action) + "|" + element.textContent;

  const swap = (page) => {
    const fresh = page.getElementById("main");
    if (!fresh) return;
    const open = new Set([...main.querySelectorAll("details[open][id]")].map(({ id }) => id));
    const focused = main.contains(document.activeElement) && document.activeElement !== main ? nameOf(document.activeElement) : null;
    const sentence = main.querySelector("h1")?.textContent;
    main.replaceChildren(...fresh.childNodes);
    main.dataset.refresh = fresh.dataset.refresh ?? "";
    for (const details of main.querySelectorAll("details[id]")) if (open.has(details.id)) details.open = true;
    if (focused) [...main.querySelectorAll("a, button, summary")].find((element) => nameOf(element) === focused)?.focus({ preventScroll: true });
    const said = main.querySelector("h1")?.textContent;
    if (said !== sentence) news.textContent = said;
    const time = page.getElementById("updated");
    if (time) updated.textContent = time.textContent;
  };

  const refresh = async () => {
    if (!document.hidden && !isBusy()) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
        if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        /* The service is away for a moment: the next time. */
      }
    }
    plan();
  };

  const plan = () => {
    clearTimeout(timer);
    const seconds = Number(main?.dataset.refresh);
    if (seconds > 0) timer = setTimeout(refresh, seconds * 1000);
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Number(main?.dataset.refresh) > 0) refresh();
  });
  plan();
}
`;
