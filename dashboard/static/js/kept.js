// What a reader has chosen for this browser, in a cookie: the server reads it before the first paint.
const YEAR = 365 * 24 * 3600;

export function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR : 0}; SameSite=Lax${secure}`;
}
