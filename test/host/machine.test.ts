/**
 * What every machine keeps to, the real one and the fake one; and what the real one takes from the
 * files of Linux, with those files in memory.
 */

import 'should'
import type { Machine } from '../../src/base/ports.js'
import { machineOver, realMachine } from '../../src/host/machine.js'
import { FakeMachine } from '../world/fake-machine.js'
import { MemoryDisk } from '../world/memory-disk.js'

function machineBehaves(name: string, make: () => Machine): void {
  describe(`machine (${name})`, () => {
    it('has a name and a process', () => {
      make().hostName.should.not.equal('')
      make().processId.should.be.above(0)
    })

    it('says the same whenever it is asked', async () => {
      const machine = make()
      for (const ask of ['processStartedAt', 'bootId', 'fingerprint'] as const) {
        const answer = await machine[ask]()
        answer.should.not.equal('')
        ;(await machine[ask]()).should.equal(answer)
      }
    })

    it('finds its own process running', async () => {
      const machine = make()
      const { processId } = machine
      ;(await machine.runs(processId, await machine.processStartedAt())).should.be.true()
    })

    it('tells its own process from an earlier one of the same number', async () => {
      const machine = make()
      ;(await machine.runs(machine.processId, 'long ago')).should.be.false()
    })

    it('finds no process where there is none', async () => {
      const machine = make()
      const startedAt = await machine.processStartedAt()
      ;(await machine.runs(2 ** 30, startedAt)).should.be.false()
    })
  })
}

machineBehaves('real', () => realMachine)
machineBehaves('fake', () => FakeMachine.named())
machineBehaves('real, without the files of Linux', () => machineOver(new MemoryDisk()))

describe('machine on Linux', () => {
  it('takes boot id and start time from /proc', async () => {
    const machine = linux({
      '/proc/sys/kernel/random/boot_id': 'b0-07\n',
      [`/proc/${process.pid}/stat`]: stat('node', 'S', '4711'),
    })
    ;(await machine.bootId()).should.equal('b0-07')
    ;(await machine.processStartedAt()).should.equal('4711')
    ;(await machine.runs(process.pid, '4711')).should.be.true()
  })

  it('reads past a process name with blanks and brackets', async () => {
    const machine = linux({ '/proc/77/stat': stat('a) S (b c', 'R', '99') })
    ;(await machine.runs(77, '99')).should.be.true()
    ;(await machine.runs(77, '98')).should.be.false()
  })

  it('counts a killed process that nobody has reaped as ended', async () => {
    const machine = linux({ '/proc/77/stat': stat('node', 'Z', '99') })
    ;(await machine.runs(77, '99')).should.be.false()
  })

  it('has another fingerprint with another card or another installation', async () => {
    const print = (id: string, address: string) =>
      linux({ '/etc/machine-id': id, '/sys/class/net/eth0/address': address }).fingerprint()
    const prints = await Promise.all([
      print('same', '00:1b:1b:00:00:01'),
      print('same', '00:1b:1b:00:00:02'),
      print('other', '00:1b:1b:00:00:01'),
    ])
    new Set(prints).size.should.equal(3)
    prints[0].should.match(/^[0-9a-f]{64}$/)
    ;(await print('same', '00:1b:1b:00:00:01')).should.equal(prints[0])
  })

  it('keeps its fingerprint when containers and a loopback come and go', async () => {
    const id = { '/etc/machine-id': 'same' }
    const card = { '/sys/class/net/eth0/address': '00:1b:1b:00:00:01\n' }
    const others = {
      '/sys/class/net/docker0/address': '02:42:ac:11:00:02\n',
      '/sys/class/net/br-1/address': '5e:00:00:00:00:09\n',
      '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
    }
    const alone = await linux({ ...id, ...card }).fingerprint()
    ;(await linux({ ...id, ...others, ...card }).fingerprint()).should.equal(alone)
  })
})

describe('fake machine', () => {
  it('knows of the other processes of its computer, and of their end', async () => {
    const first = FakeMachine.named()
    const second = first.another()
    const startedAt = await first.processStartedAt()
    ;(await second.runs(first.processId, startedAt)).should.be.true()
    first.end()
    ;(await second.runs(first.processId, startedAt)).should.be.false()
    const again = second.another(first.processId)
    ;(await again.runs(first.processId, startedAt)).should.be.false()
  })

  it('has another boot id after a restart, and the same after a kill', async () => {
    const machine = FakeMachine.named()
    const [boot, startedAt] = [await machine.bootId(), await machine.processStartedAt()]
    const rebooted = machine.afterReboot()
    ;(await rebooted.bootId()).should.not.equal(boot)
    const next = machine.afterKill()
    ;(await next.bootId()).should.equal(boot)
    ;(await next.runs(machine.processId, startedAt)).should.be.false()
    ;(await machine.runs(machine.processId, startedAt)).should.be.true()
  })
})

/** A machine that reads these files, by path. */
function linux(files: Readonly<Record<string, string>>): Machine {
  const disk = new MemoryDisk()
  for (const [path, content] of Object.entries(files)) disk.put(path, Buffer.from(content))
  return machineOver(disk)
}

/** As the kernel writes it: the start time is field 22. */
function stat(name: string, state: string, startedAt: string): string {
  const between = Array.from({ length: 18 }, (_, i) => String(i + 4))
  return `77 (${name}) ${state} ${between.join(' ')} ${startedAt} 0 0\n`
}
