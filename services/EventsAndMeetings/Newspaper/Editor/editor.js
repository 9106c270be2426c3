// Makes an edition of the wall newspaper through the API. The token stays in this page's memory and goes with it.
const api = '/v1/agenda';
const $ = id => document.getElementById(id);
const sections = {
    'notices': 'Avisos', 'agenda': 'Agenda', 'projects': 'Nuestras obras', 'participatory-budget': 'Presupuesto participativo', 'associations': 'Noticias de las ADESCO',
    'youth-culture-sport': 'Juventud, cultura y deporte', 'prevention': 'Prevención y seguridad', 'packages': 'Paquetes agrícolas', 'information-requests': 'Pregunte a la municipalidad',
    'recognitions': 'Reconocimientos',
};
const points = { 'privacy': 'privacidad', 'no-electioneering': 'campaña', 'facts-checked': 'datos' };
const mostItems = 80;
const states = { 'draft': 'Borrador', 'in-review': 'En revisión', 'approved': 'Aprobada' };
let token = '', edition = null, etag = '', items = [], known = new Map();

class Refused extends Error { }

const some = (count, one, many) => `${count} ${count === 1 ? one : many}`;

async function call(method, path, body, extra = {}) {
    let answer;
    try {
        answer = await fetch(path.startsWith('/v1/') ? path : api + path, {
            method, body: body instanceof Blob ? body : body && JSON.stringify(body),
            headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json' }), ...extra },
        });
    } catch {
        throw new Refused('No hay señal. Lo que no se guardó sigue en esta página: intente más tarde.');
    }
    const isJson = answer.headers.get('Content-Type')?.includes('json');
    const said = isJson ? await answer.json() : await answer.text();
    if (!answer.ok)
        throw new Refused(Object.values(said.errors ?? {}).flat()[0] ?? said.detail ?? said.title ?? `El sistema contestó ${answer.status}.`);
    return { said, etag: answer.headers.get('ETag') };
}

function say(text, kind = 'good') {
    $('message').textContent = text;
    $('message').className = `note ${kind}`;
    $('message').hidden = !text;
    if (text)
        $('message').scrollIntoView({ block: 'nearest' });
}

/** Runs what a button does; whoever clicks twice does it once. */
function on(id, event, act) {
    let busy = false;
    $(id).addEventListener(event, async happened => {
        happened.preventDefault();
        if (busy)
            return;
        busy = true;
        say('');
        try {
            await act();
        } catch (problem) {
            say(problem instanceof Refused ? problem.message : 'Algo falló en esta página. Vuelva a cargarla.', 'bad');
            if (!(problem instanceof Refused))
                console.error(problem);
        } finally {
            busy = false;
        }
    });
}

function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
}

async function list() {
    const { said } = await call('GET', '/editions?limit=50');
    $('editions').replaceChildren(...said.items.map(line => {
        const open = element('button', { className: 'second small', type: 'button', textContent: 'Abrir' });
        open.setAttribute('aria-label', `Abrir la edición ${line.edition}`);
        open.onclick = () => show(line.id).catch(problem => say(problem.message, 'bad'));
        return element('li', {}, `${line.edition}: ${states[line.state]}, ${some(line.items, 'noticia', 'noticias')}, colocada en ${some(line.posted, 'lugar', 'lugares')} `, open);
    }));
    $('enter').hidden = true;
    $('edition').hidden = true;
    $('list').hidden = false;
}

async function show(id) {
    take(await call('GET', `/editions/${id}`));
    $('list').hidden = true;
    $('edition').hidden = false;
    $('title').focus();
}

function take(answer) {
    edition = answer.said;
    etag = answer.etag ?? etag;
    items = edition.items.map(item => ({ ...item }));
    draw();
}

function draw() {
    const isDraft = edition.state === 'draft';
    $('title').textContent = `Edición ${edition.edition}`;
    $('state').textContent = states[edition.state];
    $('remarks').hidden = !edition.remarks;
    $('remarks').textContent = edition.remarks ? `Se devolvió: ${edition.remarks}` : '';
    $('hints').replaceChildren(...edition.hints.map(hint => element('p', {
        className: 'note warn', textContent: `Noticia ${hint.item}, ${points[hint.point]}: ${hint.words}`,
    })));
    $('drafting').hidden = !isDraft;
    $('review').hidden = edition.state !== 'in-review';
    $('post').hidden = edition.state !== 'approved';
    $('public').hidden = edition.state !== 'approved';
    $('public').replaceChildren(element('a', { href: `/portal/a/${edition.id}`, textContent: 'Leerla en el portal' }));
    $('hung').hidden = edition.postings.length === 0;
    $('postings').replaceChildren(...edition.postings.map(posting => {
        const line = element('li', {}, `${posting.place}, desde el ${day(posting.postedOn)}${posting.takenDownOn ? ` hasta el ${day(posting.takenDownOn)}` : ''} `);
        if (!posting.takenDownOn) {
            const down = element('button', { className: 'second small', type: 'button', textContent: 'Se quitó hoy' });
            down.onclick = () => call('POST', `/editions/${edition.id}/postings/${posting.id}/removal`, { takenDownOn: today() }).then(take).catch(problem => say(problem.message, 'bad'));
            line.append(down);
        }
        return line;
    }));
    $('items').replaceChildren(...items.map((item, index) => isDraft ? editable(item, index) : element('li', {},
        element('strong', { textContent: `${index + 1}. ${sections[item.section]}: ${item.title}` }), element('p', { textContent: item.text }))));
}

function editable(item, index) {
    const id = name => `item-${index}-${name}`;
    const section = element('select', { id: id('section') }, ...Object.entries(sections).map(([value, text]) => element('option', { value, textContent: text, selected: value === item.section })));
    section.onchange = () => item.section = section.value;
    const title = element('input', { id: id('title'), value: item.title, maxLength: 150 });
    title.oninput = () => item.title = title.value;
    const text = element('textarea', { id: id('text'), value: item.text, rows: 4, maxLength: 1200 });
    text.oninput = () => item.text = text.value;
    const move = (label, to) => {
        const button = element('button', { id: id(label), className: 'second small', type: 'button', textContent: label, disabled: to < 0 || to >= items.length });
        button.setAttribute('aria-label', `${label} la noticia ${index + 1}`);
        button.onclick = () => {
            items.splice(to, 0, ...items.splice(index, 1));
            draw();
            // Whoever moves it by the keyboard goes on moving it; at the end there is nothing to go on with.
            const same = $(`item-${to}-${label}`);
            (same.disabled ? $(`item-${to}-title`) : same).focus();
        };
        return button;
    };
    const remove = element('button', { className: 'second small', type: 'button', textContent: 'Quitar' });
    remove.setAttribute('aria-label', `Quitar la noticia ${index + 1}`);
    remove.onclick = () => {
        items.splice(index, 1);
        draw();
        ($(`item-${Math.min(index, items.length - 1)}-title`) ?? $('add')).focus();
    };
    return element('li', {},
        element('strong', { textContent: `Noticia ${index + 1}` }),
        element('label', { htmlFor: section.id, textContent: 'Sección' }), section,
        element('label', { htmlFor: title.id, textContent: 'Título' }), title,
        element('label', { htmlFor: text.id, textContent: 'Texto' }), text,
        move('Subir', index - 1), move('Bajar', index + 1), remove);
}

const day = date => date.split('-').reverse().join('/');
const today = () => new Date(Date.now() - 6 * 3600_000).toISOString().slice(0, 10); // El Salvador.

const change = (path, body, method = 'POST') => call(method, `/editions/${edition.id}/${path}`, body, { 'If-Match': etag }).then(take);

async function save() {
    await change('content', { items }, 'PUT');
}

async function print(paper) {
    if (edition.state === 'approved') { // As everybody sees it, with the seals of the history.
        open(`/portal/periodico-mural/${edition.id}/imprimir?papel=${paper === 'a3' ? 'a3' : 'carta'}`);
        return;
    }
    if (edition.state === 'draft')
        await save();
    const { said } = await call('GET', `/editions/${edition.id}/print?paper=${paper}`);
    open(URL.createObjectURL(new Blob([said], { type: 'text/html;charset=utf-8' })));
}

on('enter', 'submit', async () => {
    token = $('token').value.trim();
    await list();
});
on('begin', 'submit', async () => {
    const answer = await call('POST', '/editions', { month: `${$('month').value}-01`, issuedAt: $('issued').value }, { 'Idempotency-Key': crypto.randomUUID() });
    await show(answer.said.id);
    say(`La edición propone ${some(items.length, 'noticia', 'noticias')}. Cámbielas, ordénelas o quítelas.`);
});
on('back', 'click', list);
on('add', 'click', () => {
    items.push({ section: 'notices', title: '', text: '' });
    draw();
    $(`item-${items.length - 1}-title`).focus();
});
on('propose', 'click', async () => {
    const { said } = await call('GET', `/editions/${edition.id}/proposals`);
    const has = new Set(items.flatMap(item => item.sources ?? []));
    const fresh = said.filter(item => !item.sources.every(source => has.has(source)));
    const taken = fresh.slice(0, Math.max(0, mostItems - items.length));
    items.push(...taken);
    draw();
    say(taken.length < fresh.length ? `Una edición lleva ${mostItems} noticias como máximo: al final hay ${some(taken.length, 'nueva', 'nuevas')} de ${fresh.length}. Quite las que sobran y busque de nuevo.` : fresh.length ? `Al final hay ${some(fresh.length, 'noticia nueva', 'noticias nuevas')}.` : 'No hay nada nuevo.');
});
on('save', 'click', async () => {
    await save();
    say('Guardada.');
});
on('submit', 'click', async () => {
    await save();
    await change('submission');
    say('La edición está en revisión: la aprueba otra persona.');
});
on('review', 'submit', async () => {
    const checklist = Object.fromEntries(['privacy', 'noElectioneering', 'plainLanguage', 'factsChecked'].map(point => [point, $(point).checked]));
    await change('approval', { checklist });
    say('Aprobada. Ya se lee en el portal.');
});
on('return', 'click', async () => {
    await change('return', { remarks: $('observations').value });
    say('Se devolvió con sus observaciones.');
});
on('letter', 'click', () => print('letter'));
on('a3', 'click', () => print('a3'));
on('place', 'input', async () => {
    const wanted = $('place').value;
    if (known.has(wanted) || wanted.length < 3)
        return;
    const { said } = await call('GET', `/v1/organizations/places?search=${encodeURIComponent(wanted)}&limit=20`);
    for (const place of said.items)
        known.set(place.path, { id: place.id, kind: place.kind, name: place.name, path: place.path });
    $('places').replaceChildren(...said.items.map(place => element('option', { value: place.path })));
});
on('post', 'submit', async () => {
    const place = known.get($('place').value);
    if (!place)
        throw new Refused('Elija el lugar de la lista que aparece al escribir su nombre.');
    const photo = await call('POST', '/files', $('photo').files[0]);
    await call('POST', `/editions/${edition.id}/postings`, { place, postedOn: $('posted').value, photoId: photo.said.id }, { 'Idempotency-Key': crypto.randomUUID() }).then(take);
    say(`Anotado: está en ${place.name}.`);
});
