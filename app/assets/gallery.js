// Draws the cards of `data.cards` as a list of buttons; a press tells Python which one. Text goes in as text, never as markup;
// `map` is markup, and app/pagemap.py writes it from numbers alone.
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

const card = (item) => {
  const button = make("button", `card ${item.medical ? "medical" : "other"}`);
  button.type = "button";
  button.dataset.id = item.id;
  button.setAttribute("aria-label", item.says);

  const frame = button.appendChild(make("span", "frame"));
  if (item.src) {
    const image = frame.appendChild(make("img"));
    image.src = item.src;
    image.alt = "";
    image.loading = "lazy";
  } else {
    frame.appendChild(make("span", "missing", "no preview"));
  }
  if (item.flag) frame.appendChild(make("span", `flag ${item.flagKind}`, item.flag));

  const verdict = button.appendChild(make("span", "verdict"));
  verdict.appendChild(make("span", "label", item.label));
  verdict.appendChild(make("span", "percent", item.percent));
  const bar = button.appendChild(make("span", "bar"));
  bar.appendChild(make("span", "fill")).style.width = `${item.confidence * 100}%`;

  const place = button.appendChild(make("span", "place"));
  if (item.map) place.appendChild(make("span", "map")).innerHTML = item.map;
  const words = place.appendChild(make("span", "words"));
  words.appendChild(make("span", "where", item.where));
  words.appendChild(make("span", "source", item.source));
  return button;
};

// Arrow keys walk through the cards as they lie on the screen; Tab and Enter work as everywhere.
const walk = (event, list) => {
  const cards = [...list.querySelectorAll("button.card")];
  const here = cards.indexOf(event.target.closest("button.card"));
  if (here < 0) return;
  const top = (each) => each.getBoundingClientRect().top;
  const columns = Math.max(cards.filter((each) => Math.abs(top(each) - top(cards[0])) < 4).length, 1);
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
  const next = step && cards[here + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
};

export default function ({ data, parentElement, setTriggerValue }) {
  let list = parentElement.querySelector("ul.grid");
  if (!list) {
    list = make("ul", "grid");
    list.setAttribute("role", "list");
    parentElement.appendChild(list);
  }
  list.onclick = (event) => {
    const pressed = event.target.closest("button.card");
    if (pressed) setTriggerValue("open", pressed.dataset.id);
  };
  list.onkeydown = (event) => walk(event, list);

  // Cards that did not change stay as they are, so that pictures do not flicker and the focus is not lost while more arrive.
  const root = parentElement.getRootNode ? parentElement.getRootNode() : document;
  const focused = root.activeElement?.dataset?.id;
  const known = new Map([...list.children].map((item) => [item.dataset.state, item]));
  list.replaceChildren(
    ...data.cards.map((each) => {
      const state = JSON.stringify(each);
      const item = known.get(state) ?? make("li");
      if (!known.has(state)) {
        item.dataset.state = state;
        item.appendChild(card(each));
      }
      return item;
    }),
  );
  if (focused) list.querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
