/** Brings this area's style sheets into its chunk. */
import '../../style/notices.css';
import '../../style/notices-panel.css';
