/* Browsers start no worker from a file. Opened from a disk, the site searches in a hidden frame instead, which behaves
   as a worker does towards the page: postMessage, addEventListener("message"), onmessage, terminate. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.onmessage = null;
      this.onerror = null;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      this.ready = new Promise((resolve) => {
        // What the search's script calls in a worker's scope.
        inside.postMessage = (data) => this.tell(data);
        inside.importScripts = (...scripts) =>
          Promise.all(scripts.map((script) => this.load(script)));
        this.load(address).then(resolve);
      });
    }

    load(address) {
      return new Promise((resolve, reject) => {
        const script = this.frame.contentDocument.createElement("script");
        script.src = new URL(address, document.baseURI).href;
        script.onload = resolve;
        script.onerror = reject;
        this.frame.contentDocument.body.append(script);
      });
    }

    tell(data) {
      const event = new MessageEvent("message", { data });
      if (this.onmessage) this.onmessage(event);
      this.dispatchEvent(event);
    }

    postMessage(message) {
      // A Chinese word is searched for by its characters: all of them must be there.
      const asks = typeof message.data === "string";
      const data = asks
        ? { ...message, data: message.data.replace(/[\u4e00-\u9fff]{2,}/g, (word) => ` "${[...word].join(" ")}" `) }
        : message;
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
