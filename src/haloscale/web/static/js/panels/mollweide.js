// The equal-area projection of the sky by Mollweide: the centre of the Galaxy in the middle, l growing to the left.

const RADIAN = Math.PI / 180;

// Position of (l, b) in degrees: x in [-2, 2], y in [-1, 1].
export function mollweide(l, b) {
  const wrapped = ((((l + 180) % 360) + 360) % 360) - 180;
  const theta = auxiliary(b * RADIAN);
  return [(-wrapped / 90) * Math.cos(theta), Math.sin(theta)];
}

// theta with 2 theta + sin 2 theta = pi sin b, by Newton's method.
function auxiliary(b) {
  if (Math.abs(Math.abs(b) - Math.PI / 2) < 1e-9) return b;
  let theta = b;
  for (let i = 0; i < 60; i += 1) {
    const step = (2 * theta + Math.sin(2 * theta) - Math.PI * Math.sin(b)) / (2 + 2 * Math.cos(2 * theta));
    theta -= step;
    if (Math.abs(step) < 1e-7) break;
  }
  return theta;
}
