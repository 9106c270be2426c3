// The reference client of the protocol for work without a signal (docs/offline.md). Everything is kept in the browser's own
// storage; the private key cannot be taken out of it.
const api = '/v1/distribution';
const $ = id => document.getElementById(id);

// ---- Storage -------------------------------------------------------------------------------------------------------------

const database = await new Promise((done, failed) => {
    const open = indexedDB.open('entrega', 1);
    open.onupgradeneeded = () => {
        open.result.createObjectStore('kept');
        open.result.createObjectStore('journal', { keyPath: 'sequence' });
    };
    open.onsuccess = () => done(open.result);
    open.onerror = () => failed(open.error);
});

function store(name, mode, work) {
    return new Promise((done, failed) => {
        const transaction = database.transaction(name, mode, { durability: 'strict' });
        const request = work(transaction.objectStore(name));
        transaction.oncomplete = () => done(request?.result);
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
}
const read = key => store('kept', 'readonly', kept => kept.get(key));
const keep = (key, value) => store('kept', 'readwrite', kept => kept.put(value, key));
const entries = () => store('journal', 'readonly', journal => journal.getAll());

// ---- Signatures ----------------------------------------------------------------------------------------------------------

const curve = { name: 'ECDSA', namedCurve: 'P-256' }, signing = { name: 'ECDSA', hash: 'SHA-256' };
const text = new TextEncoder();
const base64url = bytes => {
    let binary = '';
    for (const byte of new Uint8Array(bytes))
        binary += String.fromCharCode(byte);
    return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};
const bytesOf = encoded => Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
const payloadOf = jws => JSON.parse(new TextDecoder().decode(bytesOf(jws.split('.')[1])));
const digestOf = async jws => base64url(await crypto.subtle.digest('SHA-256', text.encode(jws)));

async function sign(payload, key) {
    const signed = `${base64url(text.encode('{"alg":"ES256"}'))}.${base64url(text.encode(JSON.stringify(payload)))}`;
    return `${signed}.${base64url(await crypto.subtle.sign(signing, key, text.encode(signed)))}`;
}

async function isSigned(jws, jwk) {
    const [head, payload, signature] = jws.split('.');
    const key = await crypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }, curve, false, ['verify']);
    return crypto.subtle.verify(signing, key, bytesOf(signature), text.encode(`${head}.${payload}`));
}

async function device() {
    let known = await read('device');
    if (!known) {
        const keys = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
        const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey);
        known = { id: crypto.randomUUID(), privateKey: keys.privateKey, publicKey: { kty, crv, x, y } };
        await keep('device', known);
    }
    return known;
}

// ---- The API -------------------------------------------------------------------------------------------------------------

class Refused extends Error { }

async function call(method, path, token, body) {
    let answer;
    try {
        answer = await fetch(api + path, {
            method, body: body && JSON.stringify(body), headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token && { Authorization: `Bearer ${token}` }) },
        });
    } catch {
        throw new Refused('No hay señal. Lo anotado sigue guardado aquí: intente más tarde.');
    }
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok)
        throw Object.assign(new Refused(said.detail ?? said.title ?? `El sistema contestó ${answer.status}.`), { code: said.code });
    return said;
}

async function takeList(name, campaign, centre, token) {
    const own = await device();
    await call('PUT', `/devices/${own.id}`, token, { name, key: own.publicKey });
    // The same number until it is here: an answer that was lost leaves no second list behind.
    const kept = await read('wanted');
    const number = kept?.campaign === campaign && kept.centre === centre ? kept.number : crypto.randomUUID();
    await keep('wanted', { number, campaign, centre });
    const { list } = await call('PUT', `/devices/${own.id}/lists/${number}`, token, { campaignId: campaign, centre }).catch(async refused => {
        if (refused.code === 'list_exists') // It was given up or given back: the next try asks for another one.
            await store('kept', 'readwrite', all => all.delete('wanted'));
        throw refused;
    });
    const { keys } = await call('GET', '/public/keys');
    if (!(await Promise.all(keys.map(key => isSigned(list, key)))).includes(true))
        throw new Refused('La lista no viene firmada por el sistema: no la use.');
    await keep('list', payloadOf(list));
    await store('kept', 'readwrite', kept => kept.delete('wanted'));
}

/** Sends what was not acknowledged, in pieces; an entry is done when the answer names it, and never before. */
async function sendJournal(token) {
    const own = await device();
    for (;;) {
        const waiting = (await entries()).filter(entry => !entry.state).slice(0, 50);
        if (waiting.length === 0)
            return;
        const answer = await call('POST', `/devices/${own.id}/journal`, token, { entries: waiting.map(entry => entry.jws) });
        await store('journal', 'readwrite', journal => {
            // What the system did not keep stays here, unsent.
            answer.entries.forEach((seen, index) => seen.sequence > 0 && journal.put({ ...waiting[index], state: seen.state, review: seen.review ?? seen.problem }));
        });
        await show();
        if (answer.entries.some(seen => seen.sequence === 0))
            throw new Refused('El sistema no reconoce algo de lo que este aparato anotó. No lo borre: llévelo a la unidad.');
    }
}

async function giveBack(token) {
    const list = await read('list');
    const lastSequence = (await entries()).at(-1)?.sequence ?? 0;
    const own = await device();
    await call('POST', `/devices/${own.id}/lists/${list.list}/return`, token, { signed: await sign({ list: list.list, lastSequence }, own.privateKey) });
    // The people go; the journal stays without them, because the next entry names the last one.
    await store('kept', 'readwrite', kept => kept.delete('list'));
    const last = (await entries()).at(-1);
    if (last)
        await keep('last', { sequence: last.sequence, digest: await digestOf(last.jws) });
    await store('journal', 'readwrite', journal => journal.clear());
}

// ---- The counter ---------------------------------------------------------------------------------------------------------

let writing = Promise.resolve();

/** Appends an entry: one at a time, and on the disk before anybody is told. */
function write(act) {
    const step = writing.then(async () => {
        const own = await device();
        const before = (await entries()).at(-1), last = await read('last');
        const sequence = (before?.sequence ?? last?.sequence ?? 0) + 1;
        const previous = before ? await digestOf(before.jws) : last?.digest;
        const jws = await sign({ device: own.id, sequence, ...(previous && { previous }), receipt: crypto.randomUUID(), handedAt: new Date().toISOString(), ...act }, own.privateKey);
        await store('journal', 'readwrite', journal => journal.add({ sequence, jws }));
    });
    writing = step.catch(() => { });
    return step;
}

/** What is left to hand over, and of what, after all that this device has written with its list. */
async function stateOf(list) {
    const written = (await entries()).map(entry => payloadOf(entry.jws)).filter(act => act.list === list.list);
    const lots = new Map(list.lots.map(lot => [lot.number, { ...lot }]));
    const articleOf = number => lots.get(number)?.article;
    for (const act of written)
        for (const item of act.items ?? [])
            lots.get(item.lot).quantity = round(lots.get(item.lot).quantity - item.quantity);
    const dueTo = person => person.packages.map(package_ => {
        const acts = written.filter(act => act.person === person.id && act.package === package_.package && act.kind === package_.kind);
        const got = acts.flatMap(act => act.items ?? []);
        return {
            ...package_, refused: acts.some(act => act.act === 'refusal'),
            due: package_.due.map(due => ({ article: due.article, quantity: round(due.quantity - got.filter(item => articleOf(item.lot) === due.article).reduce((sum, item) => sum + item.quantity, 0)) }))
                .filter(due => due.quantity > 0),
        };
    }).filter(package_ => !package_.refused && package_.due.length > 0);
    return { lots: [...lots.values()], dueTo, written };
}

/** What somebody else of the household has got, before the list was taken along or from this device. */
async function householdHas(list, person) {
    if (!person.household)
        return [];
    const others = new Set(list.people.filter(other => other.household === person.household && other.id !== person.id).map(other => other.id));
    const { written } = await stateOf(list);
    return [...new Set([...person.householdHas, ...written.filter(act => act.act === 'delivery' && others.has(act.person)).map(act => act.package)])].sort((a, b) => a - b);
}

const round = quantity => Math.round(quantity * 100) / 100;

/** From which lots it comes: what expires first goes first, and nothing that has expired by now. */
function take(lots, due) {
    const items = [], today = new Date(Date.now() - 6 * 3_600_000).toISOString().slice(0, 10); // In El Salvador.
    for (const { article, quantity } of due) {
        let missing = quantity;
        for (const lot of lots.filter(lot => lot.article === article && lot.quantity > 0 && !(lot.expiresOn < today)).sort((a, b) => (a.expiresOn ?? '9').localeCompare(b.expiresOn ?? '9') || a.number - b.number)) {
            const part = Math.min(missing, lot.quantity);
            items.push({ lot: lot.number, quantity: round(part) });
            missing = round(missing - part);
            if (missing === 0)
                break;
        }
        if (missing > 0)
            return null;
    }
    return items;
}

// ---- The page ------------------------------------------------------------------------------------------------------------

let chosen = null, isMarked = false;

function say(words, isGood) {
    $('message').textContent = words;
    $('message').className = `note ${isGood ? 'good' : 'bad'}`;
    $('message').hidden = !words;
    if (words)
        $('message').scrollIntoView({ block: 'nearest' });
}

const plain = words => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
const nameOf = (list, article) => list.articles.find(a => a.number === article);

function element(tag, words, attributes = {}) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.textContent = words;
    return made;
}

async function show() {
    $('signal').textContent = navigator.onLine ? 'Con señal' : 'Sin señal';
    const list = await read('list');
    $('take').hidden = !!list;
    $('work').hidden = !list || !!chosen;
    $('hand').hidden = !chosen;
    if (!list)
        return;
    const journal = await entries(), waiting = journal.filter(entry => !entry.state).length;
    const { written } = await stateOf(list);
    $('title').textContent = `${list.name}: ${list.centreName}`;
    $('summary').textContent = `${list.people.length} personas en la lista. ${new Set(written.filter(act => act.act === 'delivery').map(act => act.person)).size} atendidas en este aparato.`;
    const review = journal.filter(entry => entry.state && entry.review).length;
    $('journal').textContent = `${journal.length} anotaciones; ${waiting} por subir${review ? `; ${review} por revisar en la unidad` : ''}.`;
    $('send').disabled = waiting === 0;
}

async function find(words) {
    const list = await read('list'), wanted = plain(words), digits = words.replaceAll('-', '').trim();
    const found = wanted.length === 0 ? [] : list.people.filter(person =>
        person.code === wanted || person.dui.replace('-', '') === digits || String(person.number) === wanted || (wanted.length >= 3 && !/\d/.test(wanted) && plain(person.names).includes(wanted))).slice(0, 20);
    $('found').replaceChildren(...found.map(person => {
        const button = element('button', `${person.number ? `${person.number}. ` : ''}${person.names}, DUI ${person.dui}${person.first ? ' ★' : ''}`, { className: 'person', type: 'button' });
        button.onclick = () => open(person);
        return button;
    }));
    if (found.length === 0 && wanted.length >= 3)
        $('found').replaceChildren(element('p', 'No está en la lista de este centro.', { className: 'note bad' }));
}

/** Reads the code of a summons with the camera, in half a minute or not at all; the button again ends it. */
async function scan() {
    const camera = $('camera');
    if (!camera.hidden) {
        camera.hidden = true;
        return;
    }
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => { throw new Refused('La cámara no está disponible: escriba el código o el DUI.'); });
    try {
        camera.srcObject = stream;
        camera.hidden = false;
        await camera.play();
        const detector = new BarcodeDetector({ formats: ['qr_code'] });
        for (const until = Date.now() + 30_000; Date.now() < until && !camera.hidden; await new Promise(done => setTimeout(done, 150))) {
            const [read] = await detector.detect(camera);
            if (!read)
                continue;
            $('search').value = read.rawValue;
            await find(read.rawValue);
            if ($('found').querySelectorAll('.person').length === 1)
                $('found').querySelector('.person').click();
            return;
        }
    } finally {
        camera.hidden = true;
        camera.srcObject = null;
        stream.getTracks().forEach(track => track.stop());
    }
}

async function open(person) {
    chosen = person;
    const list = await read('list'), packages = (await stateOf(list)).dueTo(person);
    $('personName').textContent = person.names;
    $('personData').textContent = `DUI ${person.dui}, ${person.hamlet}${person.at ? `, turno ${person.date.split('-').reverse().join('/')} a las ${person.at.slice(0, 5)}` : ''}${person.first ? '. Pasa primero.' : ''}`;
    $('packages').replaceChildren(...packages.flatMap((package_, index) => [
        element('h2', list.packages.find(p => p.number === package_.package).name + (package_.kind === 'replacement' ? ' (reposición)' : '')),
        ...package_.due.map(due => {
            const article = nameOf(list, due.article), label = element('label', '');
            const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: true });
            Object.assign(box.dataset, { package: index, article: due.article });
            label.append(box, `${due.quantity} ${article.unit} de ${article.name}`);
            return label;
        }),
    ]));
    const others = await householdHas(list, person);
    if (others.length > 0)
        $('packages').prepend(element('p', `Alguien del mismo hogar ya recibió: ${others.map(number => list.packages.find(p => p.number === number).name).join(', ')}. Es solo un aviso: si le toca, entréguelo.`, { className: 'note warn' }));
    if (packages.length === 0)
        $('packages').append(element('p', 'Ya no se le debe nada en este aparato.', { className: 'note bad' }));
    $('deliver').disabled = $('refuse').disabled = packages.length === 0 || (await entries()).some(entry => entry.state === 'forked');
    $('byDeputy').checked = $('isFingerprint').checked = false;
    $('byDeputy').parentElement.hidden = !list.deputies;
    $('deputy').hidden = true;
    for (const id of ['deputyDui', 'deputyNames', 'authorisation'])
        $(id).value = '';
    clearMark();
    say('');
    await show();
}

async function close(words) {
    chosen = null;
    $('search').value = '';
    $('found').replaceChildren();
    await show();
    say(words ?? '', true);
    $('search').focus();
}

async function hand(isRefusal) {
    const list = await read('list'), { lots, dueTo } = await stateOf(list);
    const packages = dueTo(chosen).map((package_, index) => ({
        ...package_, due: package_.due.filter(due => isRefusal || document.querySelector(`[data-package="${index}"][data-article="${due.article}"]`)?.checked),
    })).filter(package_ => package_.due.length > 0);
    if (packages.length === 0)
        throw new Refused('Marque lo que se entrega.');
    if (!isRefusal && !isMarked)
        throw new Refused('Falta la firma o la huella de quien recoge.');
    const deputy = $('byDeputy').checked ? { dui: $('deputyDui').value.trim(), names: $('deputyNames').value.trim(), authorisation: $('authorisation').value.trim() } : null;
    if (deputy && (!isDui(deputy.dui) || !deputy.names || !deputy.authorisation || deputy.dui.replace('-', '') === chosen.dui.replace('-', '')))
        throw new Refused('De quien recoge faltan el DUI, el nombre o la autorización.');
    const evidence = { kind: $('isFingerprint').checked ? 'fingerprint' : 'signature', image: $('mark').toDataURL('image/png').split(',')[1] };
    // Everything or nothing of what was marked: each package is an entry of its own.
    const acts = packages.map(package_ => {
        const items = isRefusal ? [] : take(lots, package_.due);
        if (!items)
            throw new Refused('En este aparato ya no queda tanto de lo marcado. Entregue lo demás y complete otro día.');
        for (const item of items)
            lots.find(lot => lot.number === item.lot).quantity = round(lots.find(lot => lot.number === item.lot).quantity - item.quantity);
        return {
            list: list.list, person: chosen.id, package: package_.package, kind: package_.kind, act: isRefusal ? 'refusal' : 'delivery',
            ...(!isRefusal && { items, evidence }), ...(isRefusal && isMarked && { evidence }), ...(deputy && { deputy }),
        };
    });
    for (const act of acts)
        await write(act);
    await close(isRefusal ? 'Anotado: no quiso el paquete.' : 'Entregado y anotado.');
}

function isDui(words) {
    const digits = words.replace('-', '');
    if (!/^\d{9}$/.test(digits) || digits === '000000000')
        return false;
    const sum = [...digits.slice(0, 8)].reduce((total, digit, index) => total + digit * (9 - index), 0);
    return (10 - sum % 10) % 10 === Number(digits[8]);
}

function clearMark() {
    const pen = $('mark').getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, $('mark').width, $('mark').height);
    isMarked = false;
}

function drawMark() {
    const canvas = $('mark'), pen = canvas.getContext('2d');
    let from = null;
    const at = event => [event.offsetX * canvas.width / canvas.clientWidth, event.offsetY * canvas.height / canvas.clientHeight];
    canvas.onpointerdown = event => {
        canvas.setPointerCapture(event.pointerId);
        from = at(event);
    };
    canvas.onpointermove = event => {
        if (!from)
            return;
        pen.lineWidth = 3;
        pen.lineCap = 'round';
        pen.beginPath();
        pen.moveTo(...from);
        pen.lineTo(...(from = at(event)));
        pen.stroke();
        isMarked = true;
    };
    canvas.onpointerup = canvas.onpointercancel = () => from = null;
}

let isBusy = false;

/** Says what went wrong, and goes on. One thing at a time: a button that is touched twice does what it says once. */
const attempt = work => async event => {
    event?.preventDefault?.();
    if (isBusy)
        return;
    isBusy = true;
    say('');
    try {
        await work();
    } catch (refused) {
        if (!(refused instanceof Refused))
            console.error(refused);
        say(refused instanceof Refused ? refused.message : 'Algo falló en este aparato. Lo anotado sigue guardado.');
    } finally {
        isBusy = false;
    }
};

$('takeForm').onsubmit = attempt(async () => {
    await takeList($('deviceName').value.trim(), $('campaign').value.trim(), Number($('centre').value), $('token').value.trim());
    $('token').value = '';
    await navigator.storage?.persist?.();
    await show();
    say('La lista está en este aparato. Ya puede trabajar sin señal.', true);
});
// Where the browser reads codes; a reader that types, as those of shops do, needs nothing.
$('scan').hidden = !('BarcodeDetector' in window && navigator.mediaDevices);
$('scan').onclick = () => scan().catch(refused => say(refused instanceof Refused ? refused.message : 'La cámara no pudo leer el código: escríbalo.'));
$('search').oninput = () => find($('search').value);
$('sendForm').onsubmit = attempt(async () => {
    await sendJournal($('sendToken').value.trim());
    await show();
    const journal = await entries(), forked = journal.some(entry => entry.state === 'forked'), void_ = journal.filter(entry => entry.state === 'invalid').length;
    if (forked)
        say('De este aparato llegaron dos diarios distintos: su memoria se copió o se restauró. No entregue más con él; avise a la unidad.');
    else if (void_ > 0)
        say(`Todo llegó, pero ${void_ === 1 ? 'una anotación no tuvo' : `${void_} anotaciones no tuvieron`} efecto: avise a la unidad para que vea qué se entregó.`);
    else
        say('Todo lo anotado llegó.', true);
});
$('giveBack').onclick = attempt(async () => {
    if ((await entries()).some(entry => !entry.state))
        throw new Refused('Primero suba lo anotado.');
    await giveBack($('sendToken').value.trim());
    $('sendToken').value = '';
    await close('La lista se devolvió y se borró de este aparato.');
});
$('byDeputy').onchange = () => $('deputy').hidden = !$('byDeputy').checked;
$('clear').onclick = clearMark;
$('deliver').onclick = attempt(() => hand(false));
$('refuse').onclick = attempt(() => hand(true));
$('back').onclick = () => close();
window.ononline = window.onoffline = show;
drawMark();
await show();
if ('serviceWorker' in navigator)
    await navigator.serviceWorker.register('sw.js');
