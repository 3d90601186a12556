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
  if (minutes < 120) {
    return `in ${minutes} min ${seconds % 60} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `in ${hours} h` : `in ${Math.floor(hours / 24)} d`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    time.textContent = countdownText(Date.parse(time.dateTime) - Date.now() - clockOffset);
  }
}

document.addEventListener("htmx:afterSwap", tick);
setInterval(tick, 500);
tick();
