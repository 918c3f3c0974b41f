/**
 * How an open file behaves on every disk: contents, reads and writes anywhere, lengths, and what
 * its calls answer with. A suite to be run on each disk.
 */

import should from 'should'
import type { Disk, DiskFile } from '../../src/base/ports.js'

/** The disk of one test, and the path of a name on it. */
export interface Ground {
  readonly disk: Disk
  readonly at: (path: string) => string
}

export function fileBehaves(ground: () => Ground): void {
  let disk: Disk
  let file: DiskFile
  beforeEach(async () => {
    const { at } = ground()
    disk = ground().disk
    file = await disk.open(at('file'), 'create')
  })

  it('reads what was written', async () => {
    ;(await file.write([bytes('abcdef')], 0)).should.equal(6)
    ;(await contentOf(file)).should.equal('abcdef')
    await file.close()
  })

  it('writes chunks one after another, empty ones too', async () => {
    const chunks = [bytes('ab'), bytes(''), bytes('c'), bytes('def')]
    ;(await file.write(chunks, 2)).should.equal(6)
    ;(await contentOf(file)).should.equal('\0\0abcdef')
    await file.close()
  })

  it('writes more chunks at once than the system takes in one call', async () => {
    const chunks = Array.from({ length: 3000 }, (_, i) => bytes(String(i % 10)))
    ;(await file.write(chunks, 0)).should.equal(3000)
    ;(await file.length()).should.equal(3000)
    await file.close()
  })

  it('writes nothing when there is nothing to write', async () => {
    ;(await file.write([], 5)).should.equal(0)
    ;(await file.write([bytes('')], 5)).should.equal(0)
    ;(await file.length()).should.equal(0)
    await file.close()
  })

  it('overwrites in the middle', async () => {
    await file.write([bytes('abcdef')], 0)
    await file.write([bytes('XY')], 2)
    ;(await contentOf(file)).should.equal('abXYef')
    await file.close()
  })

  it('keeps what it was given, whatever becomes of the buffer', async () => {
    const buffer = bytes('abc')
    await file.write([buffer], 0)
    buffer.fill(0)
    ;(await contentOf(file)).should.equal('abc')
    await file.close()
  })

  it('reads as much as there is, and nothing at the end', async () => {
    await file.write([bytes('abc')], 0)
    const into = Buffer.alloc(10, '-')
    ;(await file.read(into, 1)).should.equal(2)
    into.toString().should.equal('bc--------')
    ;(await file.read(into, 3)).should.equal(0)
    ;(await file.read(into, 99)).should.equal(0)
    await file.close()
  })

  it('cuts off and grows with zeros', async () => {
    await file.write([bytes('abcdef')], 0)
    await file.truncate(2)
    ;(await file.length()).should.equal(2)
    await file.truncate(4)
    ;(await contentOf(file)).should.equal('ab\0\0')
    await file.write([bytes('z')], 5)
    ;(await contentOf(file)).should.equal('ab\0\0\0z')
    await file.close()
  })

  it('syncs, also while a write runs', async () => {
    await Promise.all([file.write([bytes('abc')], 0), file.sync(), file.write([bytes('d')], 3)])
    await file.sync()
    ;(await contentOf(file)).should.equal('abcd')
    await file.close()
  })

  it('shows one content to all who have it open', async () => {
    const other = await disk.open(ground().at('file'), 'read')
    await file.write([bytes('abc')], 0)
    ;(await contentOf(other)).should.equal('abc')
    await Promise.all([file.close(), other.close()])
  })

  it('edits a file that is there', async () => {
    await file.write([bytes('abc')], 0)
    await file.close()
    const again = await disk.open(ground().at('file'), 'edit')
    await again.write([bytes('B')], 1)
    ;(await contentOf(again)).should.equal('aBc')
    await again.close()
  })

  it('refuses to write through a reader: EBADF', async () => {
    const reader = await disk.open(ground().at('file'), 'read')
    await failsWith('EBADF', reader.write([bytes('x')], 0))
    await Promise.all([reader.close(), file.close()])
  })

  it('refuses a closed file: EBADF', async () => {
    await file.close()
    await failsWith('EBADF', file.write([bytes('x')], 0))
    await failsWith('EBADF', file.read(Buffer.alloc(1), 0))
    await failsWith('EBADF', file.length())
    await failsWith('EBADF', file.sync())
    await failsWith('EBADF', file.close())
  })
}

export const bytes = (text: string) => Buffer.from(text)

export async function contentOf(file: DiskFile): Promise<string> {
  const into = Buffer.alloc(await file.length())
  let filled = 0
  while (filled < into.length) {
    const read = await file.read(into.subarray(filled), filled)
    if (read === 0) break
    filled += read
  }
  return into.toString()
}

export async function put(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create')
  await file.write([bytes(content)], 0)
  await file.close()
}

export async function failsWith(code: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  should(error).be.an.Error()
  should(error).have.property('code', code)
}
