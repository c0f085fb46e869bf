/** Brings this area's style sheet into its chunk. */
import '../../style/images.css';
