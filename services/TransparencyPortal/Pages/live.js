// Shows what is published while a page is open and looked at. The page says everything without it.
const list = document.getElementById('novedades');
const bar = document.getElementById('hay-nuevo');
const subject = document.body.dataset.subject;
let source = null;

function show(message) {
    const news = JSON.parse(message.data);
    if (bar) {
        bar.hidden = false;
        bar.querySelector('span').textContent = news.sentence;
        return;
    }
    if (news.routine || document.getElementById(news.id))
        return;
    const line = Object.assign(document.createElement('li'), { id: news.id });
    const when = Object.assign(document.createElement('span'), { className: 'when', textContent: news.when });
    line.append(Object.assign(document.createElement('a'), { href: news.address, textContent: news.title }), document.createElement('br'), news.sentence, document.createElement('br'), when);
    list.prepend(line);
    while (list.children.length > 30)
        list.lastChild.remove();
}

// A browser has few connections to one place: a page that nobody looks at holds none.
function watch() {
    if (document.hidden) {
        source?.close();
        source = null;
    } else if (!source) {
        source = new EventSource(`/v1/transparency/live${subject ? `?subject=${subject}` : ''}`);
        source.addEventListener('news', show);
    }
}

if (list || bar) {
    watch();
    document.addEventListener('visibilitychange', watch);
    addEventListener('pageshow', watch);
    addEventListener('pagehide', () => {
        source?.close();
        source = null;
    });
}
