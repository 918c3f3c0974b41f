/**
 * A disk that counts the pages which each sync makes the file system write: every page of 4 KB that
 * was touched since the sync before, however few of its bytes. It changes nothing of what passes.
 */

import type { Disk, DiskFile } from '../../../src/base/ports.js'

export const pageBytes = 4096

export interface Pages {
  pages: number
}

/** Adds up in `count`. */
export function countingPages(disk: Disk, count: Pages): Disk {
  return { ...disk, open: async (path, mode) => counted(await disk.open(path, mode), count) }
}

function counted(file: DiskFile, count: Pages): DiskFile {
  const touched = new Set<number>()
  const flush = () => {
    count.pages += touched.size
    touched.clear()
  }
  return {
    read: (into, position) => file.read(into, position),
    truncate: (length) => file.truncate(length),
    length: () => file.length(),
    async write(chunks, position) {
      const written = await file.write(chunks, position)
      const last = Math.floor((position + written - 1) / pageBytes)
      for (let page = Math.floor(position / pageBytes); page <= last; page++) touched.add(page)
      return written
    },
    sync() {
      flush()
      return file.sync()
    },
    close() {
      flush()
      return file.close()
    },
  }
}
