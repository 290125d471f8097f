// Search while typing: asks the server for the same page that the form would
// open, and takes the list out of it. Without this script the form does it.
"use strict";

const form = document.getElementById("filter");
let asked = 0;

async function search() {
  const ask = ++asked;
  const values = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(values).toString();
  const address = query ? "/?" + query : "/";
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("found");
    if (ask !== asked || !answer.ok || !found) return;
    document.getElementById("found").replaceWith(found);
    document.getElementById("count").textContent = page.getElementById("count").textContent;
    history.replaceState(null, "", address);
  } catch {
    if (ask === asked) document.getElementById("count").textContent = "The server does not answer: is czbench ui still running?";
  }
}

if (form) {
  let wait = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(wait);
    wait = setTimeout(search, event.target.type === "search" ? 200 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(wait);
    search();
  });
}
