// Marks around what a person feels: from the movement of a control until the frame with the new curves was painted.

let inputs = 0;

export function markInput() {
  inputs += 1;
  const name = `input-${inputs}`;
  performance.mark(name);
  return name;
}

// Runs after the frame in which it is called was painted.
function afterPaint(call) {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    channel.port1.close();
    call();
  };
  channel.port2.postMessage(null);
}

export function measureDrawn(marks) {
  if (!marks.length) return;
  afterPaint(() => {
    for (const mark of marks) {
      performance.measure("slider-to-drawn", mark);
      performance.clearMarks(mark);
    }
  });
}

export function measureSince(name, start) {
  afterPaint(() => performance.measure(name, { start, end: performance.now() }));
}
