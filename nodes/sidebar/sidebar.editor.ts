/**
 * The sidebar in the editor: one tab with a page for each question. It puts the pages together and
 * shows one at a time; what stands on a page is its own matter.
 */

const words = '@holdfast/node-red-resilience/sidebar:'

RED.plugins.registerPlugin('resilience-sidebar', {
  onadd() {
    const content = document.createElement('div')
    content.className = 'resilience-sidebar'
    RED.sidebar.addTab({
      id: 'resilience',
      label: RED._(`${words}label`),
      name: RED._(`${words}name`),
      iconClass: 'fa fa-life-ring',
      content,
      enableOnEdit: true,
    })
  },
})
