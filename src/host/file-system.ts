/**
 * Names of file systems by the number that Linux gives them in statfs. It names only what a person
 * may meet below a data directory; whether it is fit for one is not decided here.
 */

/**
 * Magic numbers from `include/uapi/linux/magic.h` and the manual page statfs(2) of Linux. The ones
 * of ntfs3, zfs, vboxsf, vmhgfs and lustre stand in the sources of those file systems.
 */
const names: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0xf2f52010, 'f2fs'],
  [0x2fc12fc1, 'zfs'],
  [0x72b6, 'jffs2'],
  [0x24051905, 'ubifs'],
  [0x4d44, 'vfat'],
  [0x2011bab0, 'exfat'],
  [0x7366746e, 'ntfs'],
  [0xf15f, 'ecryptfs'],
  [0x73717368, 'squashfs'],
  [0x9fa0, 'proc'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'cifs'],
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'afs'],
  [0x73757245, 'coda'],
  [0x564c, 'ncp'],
  [0x7461636f, 'ocfs2'],
  [0x0bd00bd0, 'lustre'],
  [0x786f4256, 'vboxsf'],
  [0xbacbacbc, 'vmhgfs'],
])

/** `unknown` for any other. The type is a signed word of 32 or 64 bits, as the system is. */
export function fileSystemNamed(type: bigint): string {
  return names.get(Number(BigInt.asUintN(32, type))) ?? 'unknown'
}
