// Styles of the Vant parts in use, and nothing else of it.
import "vant/es/style/base.css";
import "vant/es/button/style/index";
import "vant/es/checkbox/style/index";
import "vant/es/loading/style/index";
import "vant/es/pull-refresh/style/index";
import "vant/es/skeleton/style/index";
import "vant/es/switch/style/index";
