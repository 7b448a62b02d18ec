// A file on its way to the server, with what went wrong in a sentence.

const LIMIT = 200 * 1024 ** 2;

export function tooLarge(file) {
  if (file.size <= LIMIT) return null;
  const size = Math.round(file.size / 1024 ** 2);
  return { field: "file", text: `${file.name} has ${size} MB; at most ${LIMIT / 1024 ** 2} MB can be read here. Use haloscale weigh on the command line for larger files.` };
}

// Resolves with the server's answer; rejects with a complaint. Aborts by the signal.
export function upload(file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `upload?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(request.response?.error ?? { field: "file", text: `The server refused the file (${request.status}).` });
    });
    request.addEventListener("error", () => reject({ field: "file", text: "The connection was lost while the file was sent. Try again." }));
    request.addEventListener("abort", () => reject({ field: "file", text: "The upload was stopped." }));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
