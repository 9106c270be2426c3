// Keeps the page itself, so that it opens without a signal. What the page asks of the API goes to the network and nowhere else.
const kept = 'entrega-1';
const files = ['./', 'app.js'];

self.addEventListener('install', event => event.waitUntil(caches.open(kept).then(cache => cache.addAll(files)).then(() => self.skipWaiting())));

self.addEventListener('activate', event => event.waitUntil(
    caches.keys().then(names => Promise.all(names.filter(name => name !== kept).map(name => caches.delete(name)))).then(() => self.clients.claim())));

self.addEventListener('fetch', event => {
    const url = new URL(event.request.url);
    if (event.request.method !== 'GET' || !url.pathname.startsWith(new URL('./', self.location).pathname))
        return;
    // The newest when there is a signal; the kept one when there is none, or so little that nothing comes of it in three seconds.
    const fresh = fetch(event.request).then(answer => {
        if (!answer.ok)
            throw new Error(`${answer.status}`);
        const copy = answer.clone();
        event.waitUntil(caches.open(kept).then(cache => cache.put(event.request, copy)));
        return answer;
    });
    const old = () => caches.match(event.request, { ignoreSearch: true });
    const patience = new Promise(done => setTimeout(done, 3_000)).then(old).then(answer => answer ?? fresh);
    event.respondWith(Promise.race([fresh.catch(async failed => await old() ?? Promise.reject(failed)), patience]).catch(() => Response.error()));
});
