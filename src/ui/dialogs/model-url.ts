/** Is this an address that a model can be downloaded from? Says why not before anything is fetched. Pure, but for `URL`. */
export function checkModelUrl(text: string): { url: string } | { wrong: string } {
  const trimmed = text.trim();
  if (trimmed === '') return { wrong: 'Paste the address of a GGUF file first.' };
  if (!URL.canParse(trimmed)) return { wrong: 'This is not a full address. It should begin with https://' };
  const url = new URL(trimmed);
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) return { wrong: 'The address should begin with https://' };
  if (url.username !== '' || url.password !== '') return { wrong: 'Addresses with a name and password in them are not supported.' };
  if (url.hostname === 'huggingface.co') return huggingFaceFile(url);
  if (!url.pathname.toLowerCase().endsWith('.gguf')) return { wrong: 'The address should lead to a file that ends in .gguf' };
  return { url: url.href };
}

/** People copy the address of the file's page; the file itself is one word away. */
function huggingFaceFile(url: URL): { url: string } | { wrong: string } {
  const file = new URL(url);
  file.pathname = file.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
  if (!file.pathname.toLowerCase().endsWith('.gguf')) return { wrong: 'This is a page of Hugging Face, not a file: open “Files” there and copy the address of a .gguf' };
  return { url: file.href };
}
