/** Brings this area's style sheets into its chunk; notices are for the preview of a warning. */
import '../../style/servers.css';
import '../../style/notices.css';
