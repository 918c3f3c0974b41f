/** What Linux calls the file systems that a data directory may lie on. */

import 'should'
import { realDisk } from '../../src/host/disk.js'
import { fileSystemNamed } from '../../src/host/file-system.js'

describe('file system', () => {
  const rows: ReadonlyArray<readonly [number: bigint, name: string]> = [
    [0xef53n, 'ext4'],
    [0x01021994n, 'tmpfs'],
    [0x794c7630n, 'overlay'],
    [0x6969n, 'nfs'],
    [0xff534d42n, 'cifs'],
    // As a system of 32 bits tells it, whose words have a sign.
    [-11_317_950n, 'cifs'],
    [0xffffffff9123683en, 'btrfs'],
    [0x65735546n, 'fuse'],
    [0n, 'unknown'],
    [0x12345678n, 'unknown'],
  ]
  for (const [number, name] of rows) {
    it(`${number} is ${name}`, () => {
      fileSystemNamed(number).should.equal(name)
    })
  }

  it('of /proc is known on Linux, and of nothing elsewhere', async () => {
    const isLinux = process.platform === 'linux'
    const path = isLinux ? '/proc' : '.'
    ;(await realDisk.fileSystem(path)).should.equal(isLinux ? 'proc' : 'unknown')
  })
})
