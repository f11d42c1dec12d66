// The search, the same on every page: within a queue it finds tasks, on the overview queues. What is typed is in the address.

import { useEffect, useRef, useState } from "preact/hooks";
import { SEARCH_QUALIFIERS } from "../../protocol/search-query.ts";
import { go, place, queueHref, withQuery } from "./router.ts";

export function SearchBox({ queue }: { readonly queue?: string }) {
  const inAddress = place.value.query.get("find") ?? "";
  const [text, setText] = useState(inAddress);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // While one types, the address follows the field and not the other way round: it is a letter behind.
    if (document.activeElement !== input.current) setText(inAddress);
  }, [inAddress, queue]);

  const last = /\S*$/.exec(text)?.[0] ?? "";
  const offered =
    queue === undefined ? [] : SEARCH_QUALIFIERS.filter(([name]) => name.startsWith(last) && name !== last);
  const isListed = isOpen && offered.length > 0;

  const search = (event: Event): void => {
    event.preventDefault();
    setOpen(false);
    const find = text.trim();
    if (queue === undefined) go(`/${find === "" ? "" : `?find=${encodeURIComponent(find)}`}`);
    else if (find === "") go(withQuery({ find: null, cursor: null }));
    else go(queueHref(queue, "tasks", { find }));
    input.current?.blur();
  };
  const type = (typed: string): void => {
    setText(typed);
    setChosen(-1);
    setOpen(true);
    // The list of queues is on the page already: it is narrowed while one types.
    if (queue === undefined && place.value.path === "/") go(withQuery({ find: typed, cursor: null }), true);
  };
  const accept = (name: string): void => {
    setText(text.slice(0, text.length - last.length) + name);
    setChosen(-1);
    input.current?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (!isListed) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + by + offered.length + (chosen === -1 && by === -1 ? 1 : 0)) % offered.length);
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
      accept(offered[chosen]?.[0] ?? "");
      event.preventDefault();
    } else if (event.key === "Escape") setOpen(false);
  };

  return (
    <form class="search" role="search" onSubmit={search}>
      <input
        id="search"
        ref={input}
        type="text"
        value={text}
        placeholder={queue === undefined ? "Find a queue" : "state:dead error:timeout payload.customer:42"}
        aria-label={queue === undefined ? "Find a queue" : `Search the tasks of ${queue}`}
        autocomplete="off"
        spellcheck={false}
        role="combobox"
        aria-expanded={isListed}
        aria-controls="suggestions"
        aria-autocomplete="list"
        {...(isListed && chosen >= 0 ? { "aria-activedescendant": `suggestion-${chosen}` } : {})}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      <ul id="suggestions" role="listbox" aria-label="Qualifiers" hidden={!isListed}>
        {offered.map(([name, meaning], at) => (
          <li
            key={name}
            id={`suggestion-${at}`}
            role="option"
            aria-selected={at === chosen}
            onMouseDown={(event) => {
              // Before the field loses the focus.
              event.preventDefault();
              accept(name);
            }}
          >
            <b>{name}</b> {meaning}
          </li>
        ))}
      </ul>
    </form>
  );
}
