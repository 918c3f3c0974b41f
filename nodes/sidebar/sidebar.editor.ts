/**
 * The sidebar in the editor: one tab of the editor's own, with our frame in it. It registers the
 * plugin when all scripts of this file have run, and knows no page.
 */

RED.plugins.registerPlugin('resilience-sidebar', {
  onadd() {
    // Pages are scripts of their own, some of them after this one.
    queueMicrotask(() => {
      const { frame, word } = Resilience.sidebar
      RED.sidebar.addTab({
        id: 'resilience',
        label: word('label'),
        name: word('name'),
        iconClass: 'fa fa-life-ring',
        content: frame(),
        enableOnEdit: true,
      })
    })
  },
})
