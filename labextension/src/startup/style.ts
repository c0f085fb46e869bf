/** Brings the style sheet of the start scripts, on top of the one that all panels share. */
import '../../style/startup.css';
