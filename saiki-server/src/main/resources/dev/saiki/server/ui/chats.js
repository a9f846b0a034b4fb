// Conversations and settings of the chat, kept in this browser only.

const CHAT = "saiki-chat-";
const SETTINGS = "saiki-chat/settings";
const MOST = 50;

/** All conversations, newest first. */
export function all() {
  return names()
    .map((name) => read(name))
    .filter((chat) => chat && Array.isArray(chat.messages))
    .sort((one, other) => other.time - one.time);
}

/** Keeps a conversation, deleting the oldest ones if there is no room. */
export function keep(chat) {
  const others = all().filter((other) => other.id !== chat.id);
  while (others.length >= MOST) forget(others.pop().id);
  while (!write(CHAT + chat.id, chat) && others.length > 0) forget(others.pop().id);
}

export function forget(id) {
  attempt(() => localStorage.removeItem(CHAT + id));
}

/** Forgets all conversations, and the settings. */
export function eraseAll() {
  for (const name of names()) attempt(() => localStorage.removeItem(name));
  attempt(() => localStorage.removeItem(SETTINGS));
}

export function settings() {
  return read(SETTINGS) ?? {};
}

export function keepSettings(values) {
  write(SETTINGS, values);
}

function names() {
  return attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(CHAT))) ?? [];
}

function read(name) {
  return attempt(() => JSON.parse(localStorage.getItem(name)));
}

function write(name, value) {
  return attempt(() => {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  });
}

/** Runs an action on the browser's storage, which may be off, full or damaged. */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
