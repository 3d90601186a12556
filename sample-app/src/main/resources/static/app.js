/* Countdowns. Without this script the pages show the time at which a row goes. */

const clockOffset = Number(document.documentElement.dataset.now || Date.now()) - Date.now();

function countdownText(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds <= 0) {
    return "any moment";
  }
  if (seconds < 60) {
    return `in ${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `in ${minutes} min ${seconds % 60} s` : `in ${Math.floor(minutes / 60)} h`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    time.textContent = countdownText(Date.parse(time.dateTime) - Date.now() - clockOffset);
  }
}

document.addEventListener("htmx:afterSwap", tick);
setInterval(tick, 500);
tick();
