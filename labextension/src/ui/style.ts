/** Brings the panels' style sheet; imported by what is loaded on demand, never by index.ts. */
import '../../style/panels.css';
