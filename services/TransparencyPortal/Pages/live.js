// Shows what is published while a page is open. The page says everything without it.
const list = document.getElementById('novedades');
const bar = document.getElementById('hay-nuevo');
const subject = document.body.dataset.subject;

if (list || bar) {
    const source = new EventSource(`/v1/transparency/live${subject ? `?subject=${subject}` : ''}`);
    source.addEventListener('news', message => {
        const news = JSON.parse(message.data);
        if (bar) {
            bar.hidden = false;
            bar.querySelector('span').textContent = news.sentence;
            return;
        }
        if (document.getElementById(news.id))
            return;
        const line = Object.assign(document.createElement('li'), { id: news.id });
        const when = Object.assign(document.createElement('span'), { className: 'when', textContent: news.when });
        line.append(Object.assign(document.createElement('a'), { href: news.address, textContent: news.title }), document.createElement('br'), news.sentence, document.createElement('br'), when);
        list.prepend(line);
        while (list.children.length > 30)
            list.lastChild.remove();
    });
    addEventListener('pagehide', () => source.close());
}
